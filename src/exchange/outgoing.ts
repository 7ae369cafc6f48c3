import axios from 'axios';

/** How others are asked over HTTP: their octets are taken as they come. */
export const OUTGOING = {
  // Whoever points elsewhere would choose whom the gateway asks.
  maxRedirects: 0,
  proxy: false,
  decompress: false,
  responseType: 'arraybuffer',
  headers: { Accept: '*/*', 'Accept-Encoding': 'identity', 'User-Agent': 'tongren' },
} as const;

export const isTooSlow = (error: unknown): boolean =>
  axios.isCancel(error) || (axios.isAxiosError(error) && (error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT'));

/** More than was allowed for (`maxContentLength`): axios has no code for that. */
export const isTooLarge = ({ message }: Error): boolean => /maxContentLength/.test(message);
