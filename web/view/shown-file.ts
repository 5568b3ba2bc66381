import { element } from "./elements";
import { readContrast } from "./picture";

/** An image or a video from a person's disk. It is read in the page and sent nowhere. */
export class ShownFile {
  readonly controls: HTMLElement;
  private source: HTMLImageElement | HTMLVideoElement | undefined;
  private still: Float32Array;
  private url = "";

  /** @param onFile is called after a file was opened */
  constructor(
    private readonly height: number,
    private readonly width: number,
    private readonly onFile: () => void,
    private readonly say: (message: string) => void,
  ) {
    this.still = new Float32Array(height * width);
    const input = element("input", { type: "file", accept: "image/*,video/*" });
    input.addEventListener("change", () => input.files?.[0] && void this.open(input.files[0]));
    this.controls = element("label", { className: "row" }, "Image or video ", input);
  }

  /** Opens files that are dropped on an element. */
  dropOn(target: HTMLElement): void {
    target.addEventListener("dragover", (event) => event.preventDefault());
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void this.open(file);
    });
  }

  /** Returns the frame now, `[height, width]`; grey before a file is opened. */
  frame(): Float32Array {
    const { source, height, width } = this;
    if (source instanceof HTMLVideoElement && source.readyState >= source.HAVE_CURRENT_DATA)
      this.still = readContrast(source, height, width);
    return this.still;
  }

  /** Plays or stops a video. */
  play(playing: boolean): void {
    if (!(this.source instanceof HTMLVideoElement)) return;
    if (playing) void this.source.play();
    else this.source.pause();
  }

  private async open(file: File): Promise<void> {
    URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(file);
    const isVideo = file.type.startsWith("video/");
    const source = isVideo ? element("video", { muted: true, loop: true, playsInline: true }) : new Image();
    source.src = this.url;
    try {
      if (source instanceof HTMLVideoElement) await source.play();
      else await source.decode();
    } catch {
      this.say(`${file.name} is neither an image nor a video that this browser reads.`);
      return;
    }
    this.source = source;
    this.still = readContrast(source, this.height, this.width);
    this.say(`${file.name} is shown.`);
    this.onFile();
  }
}
