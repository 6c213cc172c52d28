// The camera inside the page: thirty photos with thirty taps. Where it cannot be had, the file button stays.

import { h } from "../dom";
import type { StreetWords } from "./words";

export class LiveCamera {
  private readonly dialog = document.body.appendChild(document.createElement("dialog"));
  private readonly video = h("video", { playsinline: "", muted: "" }) as HTMLVideoElement;
  private stream: MediaStream | null = null;
  private shots = 0;

  constructor(
    private readonly words: StreetWords,
    private readonly taken: (shot: Blob) => Promise<void>,
  ) {
    this.dialog.className = "camera";
    this.dialog.setAttribute("aria-label", words.camera);
    this.dialog.addEventListener("close", () => this.end());
  }

  /** Whether there is one. */
  async open(): Promise<boolean> {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 2560 }, height: { ideal: 1920 } } });
    } catch {
      this.dialog.remove();
      return false;
    }
    const count = h("b", { "aria-live": "polite" }, "0");
    const shutter = h("button", { type: "button", class: "shutter", "aria-label": this.words.shutter }) as HTMLButtonElement;
    const close = h("button", { type: "button", class: "button" }, this.words.close);
    close.addEventListener("click", () => this.dialog.close());
    shutter.addEventListener("click", () => {
      shutter.disabled = true;
      void this.shoot().finally(() => {
        count.textContent = String(this.shots);
        shutter.disabled = false;
        shutter.focus();
      });
    });
    this.dialog.replaceChildren(this.video, h("div", { class: "row" }, count, shutter, close));
    this.video.srcObject = this.stream;
    this.dialog.showModal();
    await this.video.play().catch(() => undefined);
    return true;
  }

  private async shoot(): Promise<void> {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.video.videoWidth, this.video.videoHeight];
    canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    const shot = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.9));
    if (!shot) return;
    await this.taken(shot);
    this.shots += 1;
  }

  private end(): void {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.dialog.remove();
  }
}
