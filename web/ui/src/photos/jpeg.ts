// What a JPEG says of itself, by its segments (ITU-T T.81 annex B; Exif 2.3): enough to carry the camera's words over
// into a smaller picture.

export interface Jpeg {
  width: number; // as stored, before the camera's turn is applied
  height: number;
  orientation: number; // 1 … 8
  exif: Uint8Array<ArrayBuffer> | null; // the whole APP1 segment, its marker included
}

const [SOI, APP1, SOS, ORIENTATION] = [0xffd8, 0xffe1, 0xffda, 0x0112];
const isFrame = (marker: number): boolean => marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
const EXIF = "Exif\0\0";

/** Null for what is no JPEG, or one that breaks off. */
export function readJpeg(content: ArrayBuffer): Jpeg | null {
  const view = new DataView(content);
  if (view.byteLength < 4 || view.getUint16(0) !== SOI) return null;
  const found: Jpeg = { width: 0, height: 0, orientation: 1, exif: null };
  for (let at = 2; at + 9 < view.byteLength; ) {
    const [marker, length] = [view.getUint16(at), view.getUint16(at + 2)];
    if (marker < 0xff00 || marker === SOS) break;
    if (marker === APP1 && !found.exif && text(view, at + 4, 6) === EXIF && at + 2 + length <= view.byteLength) {
      found.exif = new Uint8Array(content.slice(at, at + 2 + length));
      const entry = orientationAt(new DataView(found.exif.buffer));
      if (entry) found.orientation = entry.value;
    }
    if (isFrame(marker)) [found.height, found.width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
    at += 2 + length;
  }
  return found.width ? found : null;
}

/** A JPEG with this segment of another in it; its picture stands upright already. */
export function withExif(content: ArrayBuffer, exif: Uint8Array<ArrayBuffer>): Blob {
  const told = exif.slice();
  const view = new DataView(told.buffer);
  const entry = orientationAt(view);
  if (entry) view.setUint16(entry.at, 1, entry.little);
  return new Blob([content.slice(0, 2), told, content.slice(2)], { type: "image/jpeg" });
}

const text = (view: DataView, at: number, n: number): string => Array.from({ length: n }, (_, k) => String.fromCharCode(view.getUint8(at + k))).join("");

/** Where the first directory of an APP1 segment holds how the camera was held. */
function orientationAt(view: DataView): { at: number; value: number; little: boolean } | null {
  const tiff = 10; // marker, length, "Exif\0\0"
  try {
    const little = view.getUint16(tiff) === 0x4949;
    const first = tiff + view.getUint32(tiff + 4, little);
    for (let k = 0; k < view.getUint16(first, little); k += 1) {
      const entry = first + 2 + 12 * k;
      if (view.getUint16(entry, little) === ORIENTATION) return { at: entry + 8, value: view.getUint16(entry + 8, little), little };
    }
  } catch {
    return null; // a directory that points beyond the segment
  }
  return null;
}
