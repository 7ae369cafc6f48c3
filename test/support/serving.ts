import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach } from 'vitest';
import { ROOT } from './federation.ts';

interface Serving {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** For Node, before the program. */
  readonly node?: readonly string[];
}

/** Gateways as processes of their own, which end with the test that began them. */
export function useServers() {
  const running: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of running.splice(0)) {
      if (child.exitCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  });

  /** A gateway, once it listens. */
  async function serving({ cwd, env, node = [] }: Serving) {
    const child = spawn(process.execPath, [...node, `${ROOT}src/cli/tongren.ts`, 'serve'], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', TONGREN_PORT: '0', ...env },
    });
    running.push(child);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const said = async (text: () => string, found: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const match = found.exec(text());
        if (match !== null) return match;
        if (child.exitCode !== null) throw new Error(`it ended: ${err}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const [, url] = await said(() => err, /serving on (https?:\S+)/);
    const ask = async (headers: Record<string, string> = {}) => {
      const sent = { 'Content-Type': 'text/plain', ...headers };
      return (await fetch(`${url}/v1/verify`, { method: 'POST', headers: sent, body: 'x' })).status;
    };
    return {
      child,
      url: url!,
      ask,
      log: (found: RegExp) => said(() => out, found),
      hint: (found: RegExp) => said(() => err, found),
    };
  }
  return { running, serving };
}
