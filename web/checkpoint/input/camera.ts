import type { Found } from './decoder.ts';

/** Looks at the camera's frames until it is stopped. */
export interface Camera {
  /** Undefined where the camera has no lamp. */
  torch: ((on: boolean) => Promise<void>) | undefined;
  stop(): void;
}

export interface CameraOptions {
  readonly video: HTMLVideoElement;
  /** Once its first frame was read, before what was found in it is told. */
  onStarted(): void;
  /** Reads one frame; empty for none. */
  decode(frame: ImageData): Promise<readonly Found[]>;
  /** No other frame is looked at until it is done: a slow device has one thread for both. */
  onCodes(texts: readonly string[]): Promise<void>;
  /** A code is there and cannot be read: mostly one that is too dense for this distance. */
  onDense(): void;
  /** Frames cannot be read at all; the camera is stopped. */
  onFailed(): void;
}

/** Frames in which something like a code was seen and not read, before the officer is told. */
const DENSE_FRAMES = 8;
const LONGEST_SIDE = 1280;

/** A code detector of the platform, where there is one. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
declare const BarcodeDetector:
  | { new (options: { formats: readonly string[] }): Detector; getSupportedFormats(): Promise<readonly string[]> }
  | undefined;

const WANTED = ['qr_code', 'data_matrix', 'aztec', 'pdf417'];

async function platformDetector(): Promise<Detector | undefined> {
  if (typeof BarcodeDetector === 'undefined') return undefined;
  const supported = await BarcodeDetector.getSupportedFormats().catch((): readonly string[] => []);
  // One that reads only some of the codes would leave the others unseen.
  return WANTED.every((each) => supported.includes(each)) ? new BarcodeDetector({ formats: WANTED }) : undefined;
}

/** Errors: DOMException of getUserMedia (no camera, not allowed). */
export async function startCamera({
  video,
  decode,
  onStarted,
  onCodes,
  onDense,
  onFailed,
}: CameraOptions): Promise<Camera> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1080 } },
  });
  let running = true;
  const stop = (): void => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    stop();
    throw error;
  }
  const detector = await platformDetector();
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });

  const lookOnce = async (): Promise<readonly Found[]> => {
    if (detector !== undefined)
      return (await detector.detect(video)).map(({ rawValue }) => ({ text: rawValue, whole: true }));
    const { videoWidth, videoHeight } = video;
    if (context === null || videoWidth === 0) return [];
    const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
    canvas.width = Math.round(videoWidth * scale);
    canvas.height = Math.round(videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return decode(context.getImageData(0, 0, canvas.width, canvas.height));
  };

  const watch = async (): Promise<void> => {
    let dense = 0;
    let started = false;
    while (running) {
      const found = await lookOnce();
      if (!started && running) onStarted();
      started = true;
      const whole = found.filter((each) => each.whole).map(({ text }) => text);
      if (whole.length > 0 && running) await onCodes(whole);
      dense = whole.length === 0 && found.length > 0 ? dense + 1 : 0;
      if (dense === DENSE_FRAMES) onDense();
      await nextFrame();
    }
  };
  watch().catch(() => {
    const watched = running;
    stop();
    if (watched) onFailed();
  });

  const [track] = stream.getVideoTracks();
  const lamp = (track?.getCapabilities?.() as { torch?: boolean } | undefined)?.torch === true;
  return {
    torch: lamp ? (on) => track!.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }) : undefined,
    stop,
  };
}

const nextFrame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));
