import type { Verdict } from '../../src/document/generated/types.ts';

/** One tone: hertz, and seconds. */
type Tone = readonly [pitch: number, length: number];

/**
 * Each outcome sounds otherwise, by how many tones there are and where they go, so that nobody needs a good ear: up once, level and
 * again, down and low, three times the same.
 */
const TONES: Readonly<Record<Verdict['outcome'], readonly Tone[]>> = {
  accept: [
    [660, 0.09],
    [990, 0.16],
  ],
  conditional: [
    [660, 0.12],
    [0, 0.06],
    [660, 0.12],
  ],
  refuse: [
    [330, 0.16],
    [220, 0.34],
  ],
  undetermined: [
    [440, 0.09],
    [0, 0.06],
    [440, 0.09],
    [0, 0.06],
    [440, 0.09],
  ],
};

let context: AudioContext | undefined;

/** Browsers let a page sound only after somebody has touched it: until then this stays silent. */
export function sound(outcome: Verdict['outcome']): void {
  if (typeof AudioContext === 'undefined' || navigator.userActivation?.hasBeenActive === false) return;
  context ??= new AudioContext();
  void context.resume();
  let at = context.currentTime + 0.02;
  for (const [pitch, length] of TONES[outcome]) {
    if (pitch > 0) {
      const [tone, volume] = [context.createOscillator(), context.createGain()];
      tone.frequency.value = pitch;
      // Without a ramp a tone begins and ends with a crack.
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.4, at + 0.01);
      volume.gain.setValueAtTime(0.4, at + length - 0.02);
      volume.gain.linearRampToValueAtTime(0, at + length);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + length);
    }
    at += length;
  }
}
