import { htmlText } from '../codec/html.ts';

/** What this page reads of an OpenAPI description. The file is our own; a test validates it. */
interface Description {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly (Parameter | Ref)[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response | Ref>>;
}

interface Ref {
  readonly $ref: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: unknown;
  readonly example?: unknown;
}

type Content = Readonly<Record<string, Media>>;

interface Media {
  readonly schema: unknown;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
}

interface Response {
  readonly description: string;
  readonly content?: Content;
}

/**
 * The page at /docs, made of openapi.yaml once. Plain HTML: no script, nothing from another host, readable without
 * either; each text in Chinese first, then in English.
 */
export function docsPage(description: unknown): string {
  const api = description as Description;
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const index = operations.map(
    ({ method, path, operation }) =>
      `<li><a href="#${text(operation.operationId)}"><b>${method}</b> <code>${text(path)}</code> ${text(operation.summary)}</a></li>`,
  );
  const sections = api.tags.map(({ name, description: title }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<section><h2>${text(title)}</h2>${own.map((each) => article(each.method, each.path, each.operation, api)).join('')}</section>`;
  });
  const schemas = Object.entries(api.components.schemas).map(
    ([name, schema]) => `<h3 id="schema-${text(name)}">${text(name)}</h3>${pre(schema)}`,
  );
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(api.info.title)}</title><link rel="stylesheet" href="/docs.css"></head><body>
<header><h1>${text(api.info.title)} <small>${text(api.info.version)}</small></h1>${paragraphs(api.info.description)}
<p><a href="/openapi.yaml">openapi.yaml</a></p></header>
<nav><ul>${index.join('')}</ul></nav>
<main>${sections.join('')}<section><h2>数据格式 · Schemas</h2>${schemas.join('')}</section></main>
</body></html>
`;
}

function article(method: string, path: string, operation: Operation, api: Description): string {
  const parameters = (operation.parameters ?? []).map((each) => resolve<Parameter>(each, api));
  const responses = Object.entries(operation.responses).map(([status, each]) => ({
    status,
    ...resolve<Response>(each, api),
  }));
  return `<article id="${text(operation.operationId)}"><h3><b>${method}</b> <code>${text(path)}</code> ${text(operation.summary)}</h3>
${paragraphs(operation.description)}${scopesOf(operation)}${parametersOf(parameters)}
${operation.requestBody === undefined ? '' : `<h4>请求内容 · Body</h4>${contentOf(operation.requestBody.content)}`}
<h4>应答 · Answers</h4>${table(
    ['状态 Status', '含义 Meaning', '格式 Form'],
    responses.map(({ status, description, content }) => [
      status === 'default' ? '其他 other' : status,
      description,
      raw(
        Object.entries(content ?? {}).map(([media, { schema }]) => `<code>${text(media)}</code> ${schemaLink(schema)}`),
      ),
    ]),
  )}${responses.map(({ content }) => examplesOf(content ?? {})).join('')}</article>`;
}

/** Which scopes a caller needs, in whatever way it says who it is. */
function scopesOf({ security = [] }: Operation): string {
  const scopes = [...new Set(security.flatMap((each) => Object.values(each).flat()))];
  const words = scopes.map((scope) => `<code>${text(scope)}</code>`).join(' ');
  return scopes.length === 0 ? '' : `<p>所需权限 · Scope: ${words}</p>`;
}

function parametersOf(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map((each) => [
    raw([`<code>${text(each.name)}</code>`]),
    `${each.in}${each.required ? ' · 必需 required' : ''}`,
    each.description ?? '',
    raw([schemaLink(each.schema)]),
    each.example === undefined ? '' : String(each.example),
  ]);
  return `<h4>参数 · Parameters</h4>${table(['名称 Name', '位置 In', '含义 Meaning', '格式 Form', '例 Example'], rows)}`;
}

function contentOf(content: Content): string {
  const items = Object.entries(content).map(
    ([media, { schema }]) => `<li><code>${text(media)}</code> ${schemaLink(schema)}</li>`,
  );
  return `<ul>${items.join('')}</ul>${examplesOf(content)}`;
}

function examplesOf(content: Content): string {
  return Object.entries(content)
    .flatMap(([media, { example, examples }]) => {
      const named = Object.values(examples ?? {});
      const all = example === undefined ? named : [{ summary: '例 · Example', value: example }, ...named];
      return all.map(
        ({ summary, value }) => `<p class="example">${text(summary)} <code>${text(media)}</code></p>${pre(value)}`,
      );
    })
    .join('');
}

/** A schema by its name where it has one: the files are served, the description's own stand at the end of the page. */
function schemaLink(schema: unknown): string {
  const { $ref, type, oneOf } = schema as { $ref?: string; type?: string; oneOf?: readonly unknown[] };
  if (oneOf !== undefined) return oneOf.map(schemaLink).join(' | ');
  if ($ref === undefined) return type === undefined ? '' : text(type);
  const href = $ref.replace(/^#\/components\/schemas\//, '#schema-').replace(/^schemas\//, '/schemas/');
  const name = $ref.slice(Math.max($ref.lastIndexOf('/') + 1, 0));
  return `<a href="${text(href)}">${text(name)}</a>`;
}

function resolve<T extends object>(node: T | Ref, api: Description): T {
  if (!('$ref' in node)) return node;
  let found: unknown = api;
  for (const step of node.$ref.replace(/^#\//, '').split('/')) found = (found as Record<string, unknown>)[step];
  return found as T;
}

/** Paragraphs of a description: the Chinese one first. */
function paragraphs(description = ''): string {
  const parts = description.split(/\n\s*\n/).filter((part) => part.trim() !== '');
  return parts.map((part) => `<p lang="${/\p{Script=Han}/u.test(part) ? 'zh-CN' : 'en'}">${text(part)}</p>`).join('');
}

interface Raw {
  readonly html: string;
}
const raw = (parts: readonly string[]): Raw => ({ html: parts.join('<br>') });

function table(heads: readonly string[], rows: readonly (readonly (string | Raw)[])[]): string {
  const cell = (value: string | Raw): string => `<td>${typeof value === 'string' ? text(value) : value.html}</td>`;
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`);
  return `<table><thead><tr>${heads.map((each) => `<th>${text(each)}</th>`).join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

const pre = (value: unknown): string =>
  `<pre>${text(typeof value === 'string' ? value : JSON.stringify(value, undefined, 2))}</pre>`;

const text = (plain: string): string => htmlText(plain.trim());

export const STYLE = `:root { color-scheme: light dark; font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
nav ul { list-style: none; padding: 0; }
article { border-top: 1px solid #8886; padding: 0.5rem 0 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #8886; padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; }
pre { overflow-x: auto; padding: 0.75rem; background: #8882; border-radius: 4px; font-size: 0.85rem; }
.example { margin: 1rem 0 0; font-size: 0.85rem; }
a:focus-visible { outline: 3px solid #06c; outline-offset: 2px; }
`;
