const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it stands in HTML, between elements or in an attribute with quotes. */
export const htmlText = (plain: string): string => plain.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
