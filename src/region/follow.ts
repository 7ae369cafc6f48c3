/** What is looked after again and again. */
export interface Following {
  /** Looks at once, whatever the time. */
  now(): void;
  stop(): void;
}

export interface FollowOptions {
  /** Between two looks, on average; Infinity: only when told to. */
  readonly seconds: number;
  /** From 0 to 1: gateways that were started together must not all ask at once. */
  readonly random: () => number;
  /** Told of what it threw; the next look comes all the same. */
  failed(error: unknown): void;
}

/** A quarter more or less than the average: with 20 seconds none is later than 25. */
const JITTER = 0.25;

/** Runs it again and again, never twice at a time. */
export function follow(look: () => Promise<unknown>, { seconds, random, failed }: FollowOptions): Following {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let again = false;
  let running = false;
  const plan = (): void => {
    if (stopped || seconds === Infinity) return;
    timer = setTimeout(run, seconds * 1000 * (1 - JITTER + 2 * JITTER * random()));
  };
  const run = (): void => {
    clearTimeout(timer);
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    look()
      .catch(failed)
      .finally(() => {
        running = false;
        if (!again || stopped) return plan();
        again = false;
        run();
      });
  };
  plan();
  return {
    now: run,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
