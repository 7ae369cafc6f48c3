import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet, { type HelmetOptions } from 'helmet';

const NOTHING = ["'none'"];

/**
 * helmet's values, stricter where nothing here needs more. JSON needs no policy, but a browser that is made to show it as
 * something else gets one that allows nothing.
 */
const optionsFor = (page: Readonly<Record<string, readonly string[]>> = {}): HelmetOptions => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': NOTHING,
      ...page,
      'frame-ancestors': NOTHING,
      'base-uri': NOTHING,
      'form-action': NOTHING,
    },
  },
  crossOriginEmbedderPolicy: true,
  xFrameOptions: { action: 'deny' },
  // RFC 6797 §7.2: never over plain HTTP. Whatever ends TLS in front of a gateway says it for its name.
  strictTransportSecurity: false,
});

/**
 * What helmet writes, as a table. A table, because answers to what never became a request (serve.node.ts) are written
 * without a response; the one that helmet writes on here is sent nowhere.
 */
function headersOf(options: HelmetOptions): Readonly<Record<string, string>> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, (error) => {
    if (error !== undefined) throw error;
  });
  return Object.freeze(
    Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])),
  );
}

/** On every answer. */
export const SECURITY_HEADERS = headersOf(optionsFor());

/** On the page at /docs, which may load its one style sheet and nothing else from anywhere. */
export const PAGE_SECURITY_HEADERS = headersOf(optionsFor({ 'style-src': ["'self'"] }));

/**
 * On the checkpoint's page: its own files, its own WebAssembly, its own gateway, the camera, and nothing from anywhere else.
 * 'wasm-unsafe-eval' allows WebAssembly and no code from strings (Chromium knows it since 97).
 */
export const CHECKPOINT_SECURITY_HEADERS = {
  ...headersOf(
    optionsFor({
      'default-src': ["'self'"],
      'script-src': ["'self'", "'wasm-unsafe-eval'"],
      'style-src': ["'self'"],
      'connect-src': ["'self'"],
      'img-src': ["'self'"],
      'media-src': ["'self'", 'blob:'],
      'worker-src': ["'self'"],
      'manifest-src': ["'self'"],
      'object-src': NOTHING,
    }),
  ),
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
};
