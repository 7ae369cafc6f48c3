/** Files that Vite hands out by their address. */
declare module '*.wasm?url' {
  const url: string;
  export default url;
}
declare module 'virtual:core' {
  const url: string;
  export default url;
}
declare module '*.css';
