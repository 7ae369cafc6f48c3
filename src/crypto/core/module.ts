import { decodeBase64 } from '../../codec/base64url.ts';
import { WASM } from './generated.ts';

/**
 * The core's module, compiled. A page has a file of its own in place of this one (web/checkpoint/core.ts): a browser may compile
 * as much only beside its main thread. Errors: WebAssembly's own.
 */
export const coreModule = (): WebAssembly.Module =>
  new WebAssembly.Module(decodeBase64(WASM) as Uint8Array<ArrayBuffer>);
