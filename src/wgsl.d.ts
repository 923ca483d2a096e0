/** A WGSL file as the bundler inlines it: its text without comments. */
declare module "*.wgsl" {
  const text: string;
  export default text;
}
