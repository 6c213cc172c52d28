// A photo from the camera or the album into the store: at once, with a small picture of it; where it was shot follows
// when the phone knows. Without a position it is sorted by hand.

import { h } from "../dom";
import { uid } from "../uid";
import { changePhoto, putPhoto, type Photo } from "./kept";

const THUMB = 240;

async function small(blob: Blob): Promise<Blob | null> {
  try {
    const picture = await createImageBitmap(blob);
    const scale = Math.min(1, THUMB / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale))];
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.7));
  } catch {
    return null; // a kind that this browser cannot show (HEIC): the server can
  }
}

/** Keep one photo. Throws QuotaExceededError when the phone is full. */
export async function keepPhoto(blob: Blob, account: number, owner: string): Promise<Photo> {
  const photo: Photo = {
    key: uid(), account, blob, thumb: await small(blob), at: new Date().toISOString(),
    lon: null, lat: null, accuracy: null, owner, word: "", state: "waiting", why: "",
  };
  await putPhoto(photo);
  place(photo.key);
  return photo;
}

/** Where it was shot, once the phone says so; no position is kept without a photo. */
function place(key: string): void {
  if (!navigator.geolocation) return;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => void changePhoto(key, { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }),
    () => undefined,
    { enableHighAccuracy: true, timeout: 10_000, maximumAge: 15_000 },
  );
}

/** A button that opens the camera (or the album), and hands over what came. */
export function shootButton(text: string, camera: boolean, taken: (files: File[]) => void, extra: Record<string, string> = {}): HTMLElement {
  const input = h("input", { type: "file", accept: "image/*", class: "file", "aria-label": text, ...(camera ? { capture: "environment" } : { multiple: "" }), ...extra }) as HTMLInputElement;
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    input.value = "";
    if (files.length) taken(files);
  });
  return h("label", { class: camera ? "button shoot" : "button" }, input, h("span", {}, text));
}

const urls = new Map<string, string>();

export function thumbOf(photo: Photo, none: string): HTMLElement {
  if (!photo.thumb) return h("span", { class: "thumb none" }, none);
  const url = urls.get(photo.key) ?? URL.createObjectURL(photo.thumb);
  urls.set(photo.key, url);
  return h("img", { class: "thumb", src: url, alt: "" });
}
