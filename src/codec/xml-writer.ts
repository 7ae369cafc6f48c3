import { Broken } from '../document/broken.ts';
import { encodeUtf8 } from './utf8.ts';

/** An element to write: its name as it shall stand, prefix and all. Namespaces are declared by attributes. */
export interface XmlOut {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly (XmlOut | string)[];
}

/**
 * A document in UTF-8 with a declaration and without white space of its own. Reading it gives the same texts back.
 *
 * @throws Broken MALFORMED for a text with a character that XML cannot carry
 */
export function writeXml(root: XmlOut): Uint8Array {
  return encodeUtf8(`<?xml version="1.0" encoding="UTF-8"?>\n${written(root)}`);
}

function written({ name, attributes = {}, children = [] }: XmlOut): string {
  const head = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const body = children.map((child) => (typeof child === 'string' ? escaped(child) : written(child)));
  return body.length === 0 ? `<${name}${head.join('')}/>` : `<${name}${head.join('')}>${body.join('')}</${name}>`;
}

/** White space other than the space is written by number: a reader would turn it into something else. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escaped(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 9 && code !== 10 && code !== 13) || code === 0xfffe || code === 0xffff) {
      throw new Broken('xml', 'character that XML cannot carry');
    }
  }
  return text.replace(/[&<>"\t\n\r]/g, (sign) => ESCAPES[sign]!);
}
