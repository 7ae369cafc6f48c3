/** The caller of bench/http.ts: sends what it is told to, one request after the other, and tells how long that took, µs. */
import { Agent, request } from 'node:http';

interface Asked {
  readonly url: string;
  readonly type: string;
  readonly body: string;
  readonly times: number;
}

const agent = new Agent({ keepAlive: true });

function send({ url, type, body }: Asked): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
    const req = request(url, { method: 'POST', agent, headers }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`HTTP ${res.statusCode}`));
      res.on('error', reject).on('end', resolve).resume();
    });
    req.on('error', reject).end(body);
  });
}

process.on('message', async (asked: Asked) => {
  const started = performance.now();
  for (let i = 0; i < asked.times; i++) await send(asked);
  process.send!((performance.now() - started) * 1000);
});
