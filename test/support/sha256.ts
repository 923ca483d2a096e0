/** SHA-256 of an array's bytes in memory (little-endian on every machine that runs WebAssembly), as 64 hex digits. */
export async function sha256(data: ArrayBufferView<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
