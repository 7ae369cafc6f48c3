import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ESTree, type Plugin, parseSync, Visitor } from 'vite';

const source = fileURLToPath(new URL('../../../src/', import.meta.url));
/** What writes documents, whole files of it: tables name it beside what reads them, and a page never writes one. */
const WRITERS = /^codec\/(deflate|(cbor|ofd|cms|seal|xml|zip)-writer)\.ts$/;
/** Where what writes stands beside what reads. What writes JSON has a file of its own: signatures are over what it says. */
const ROOMS = /^(?:codec|format)\/(?!json-writer)[^/]+\.ts(?:\?|$)/;
/** Of tables and compiled formats: what writes, and what tells a converter how much of a document a format keeps. */
const MEMBERS = new Set(['write', 'encode', 'pack', 'carries', 'reads', 'lost', 'unwritten', 'sourcesOf']);
const FUNCTIONS = /^(write[A-Z]|encode(Base45|Numeric|Metadata)$)/;

const REFUSES = 'virtual:refuses';
const NAME = '_refuses';

/** Leaves the names of what writes, and nothing behind them but an error. */
export function readsOnly(): Plugin {
  return {
    name: 'reads-only',
    enforce: 'pre',
    resolveId: (id) => (id === REFUSES ? id : null),
    load(id) {
      if (id === REFUSES) return `export function ${NAME}() { throw new Error('the page writes no documents'); }`;
      if (!id.startsWith(source) || !WRITERS.test(id.slice(source.length))) return null;
      const names = readFileSync(id, 'utf8').matchAll(/^export (?:const|function) (\w+)/gm);
      return [...names].map(([, name]) => `export { ${NAME} as ${name} } from '${REFUSES}';`).join('\n');
    },
    transform(code, id) {
      if (!id.startsWith(source) || !ROOMS.test(id.slice(source.length))) return null;
      const places = writersIn(code, id);
      if (places.length === 0) return null;
      let left = '';
      let from = 0;
      for (const { start, end, instead } of places) {
        left += code.slice(from, start) + instead;
        from = end;
      }
      return { code: `import { ${NAME} } from '${REFUSES}';\n${left}${code.slice(from)}`, map: null };
    },
  };
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly instead: string;
}

/** What writes in a file, outermost ones, and what goes in its place. */
function writersIn(code: string, id: string): Place[] {
  const found: Place[] = [];
  const add = ({ start, end }: ESTree.Span, instead: string): void => {
    if (!found.some((outer) => outer.start <= start && end <= outer.end)) found.push({ start, end, instead });
  };
  const { program, errors } = parseSync(id, code, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${id}: ${errors[0]!.message}`);
  new Visitor({
    ExportNamedDeclaration(node: ESTree.ExportNamedDeclaration) {
      const name = node.declaration?.type === 'FunctionDeclaration' ? node.declaration.id?.name : undefined;
      if (name !== undefined && FUNCTIONS.test(name)) add(node, `export { ${NAME} as ${name} };`);
    },
    ObjectExpression({ properties }: ESTree.ObjectExpression) {
      for (const each of properties) {
        if (each.type !== 'Property' || each.computed || each.key.type !== 'Identifier') continue;
        const { name } = each.key;
        if (MEMBERS.has(name)) add(each, `${name}: ${NAME}`);
      }
    },
  }).visit(program);
  return found.sort((one, other) => one.start - other.start);
}
