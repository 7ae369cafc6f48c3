import { isMainThread } from 'node:worker_threads';

// For `node --import`: a core that finds every signature good. With LIES=threads, in other threads only.

const { Instance } = WebAssembly;
const isOurs = (exports: WebAssembly.Exports): boolean => 'check' in exports && 'answer' in exports;

if (process.env['LIES'] !== 'threads' || !isMainThread)
  WebAssembly.Instance = class {
    readonly exports: WebAssembly.Exports;
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      const { exports } = new Instance(module, imports);
      this.exports = isOurs(exports) ? { ...exports, check: () => 1, answer: () => 1 } : exports;
    }
  } as typeof WebAssembly.Instance;
