import type { Io } from './io.ts';

export async function runServer(_io: Io): Promise<void> {}
