/** What the probe's last line begins with, since drivers write lines of their own. */
export const PROBE_MARK = "torchlet-gpu:";
