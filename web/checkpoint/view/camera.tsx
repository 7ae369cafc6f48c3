import { useEffect, useRef, useState } from 'preact/hooks';
import { type Camera, startCamera } from '../input/camera.ts';
import { decoder } from '../input/decoder.ts';
import { type Language, say, type Word } from '../words.ts';

export function CameraView({
  language,
  onCodes,
  onTrouble,
  onStarted = () => {},
}: {
  readonly language: Language;
  readonly onCodes: (texts: readonly string[]) => Promise<void>;
  readonly onTrouble: (word: Word) => void;
  /** Its first frame was read. */
  readonly onStarted?: () => void;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const [torch, setTorch] = useState<Camera['torch']>();
  const [lit, setLit] = useState(false);
  const latest = useRef({ onCodes, onTrouble, onStarted });
  latest.current = { onCodes, onTrouble, onStarted };

  useEffect(() => {
    let camera: Camera | undefined;
    let gone = false;
    startCamera({
      video: video.current!,
      decode: async (frame) => (await decoder()).frame(frame),
      onStarted: () => latest.current.onStarted(),
      onCodes: (texts) => latest.current.onCodes(texts),
      onDense: () => latest.current.onTrouble('farther'),
      onFailed: () => latest.current.onTrouble('cameraNone'),
    }).then(
      (started) => {
        camera = started;
        if (gone) started.stop();
        else setTorch(() => started.torch);
      },
      () => latest.current.onTrouble('cameraNone'),
    );
    return () => {
      gone = true;
      camera?.stop();
    };
  }, []);

  return (
    <div class="camera">
      <video ref={video} muted playsInline />
      {torch !== undefined && (
        <button
          type="button"
          aria-pressed={lit}
          onClick={() => {
            setLit(!lit);
            void torch(!lit);
          }}
        >
          {say(language, 'torch')}
        </button>
      )}
    </div>
  );
}
