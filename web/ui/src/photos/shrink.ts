// A camera's photo made as small as is needed for looking at it closely, with what the camera wrote of place and time.
// What cannot be made smaller safely is sent as it is.

import { readJpeg, withExif } from "./jpeg";

const EDGE = 2_048; // pixels; the server shows 1,600
const QUALITY = 0.82;
const SMALL = 900_000; // bytes: not worth a second encoding

/** A smaller JPEG of the same picture, upright; the photo itself where there is nothing to gain, or no way. */
export async function shrink(photo: Blob): Promise<Blob> {
  if (photo.size <= SMALL) return photo;
  try {
    const told = readJpeg(await photo.arrayBuffer());
    if (!told) return photo; // HEIC is small by itself, and few browsers can read it
    const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
    const lying = told.orientation > 4;
    if (picture.width !== (lying ? told.height : told.width)) return photo; // a browser that does not turn it
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    const pen = canvas.getContext("2d");
    if (!pen) return photo;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    canvas.width = 0; // its memory goes at once
    if (!small || small.size > photo.size * 0.8) return photo;
    return told.exif ? withExif(await small.arrayBuffer(), told.exif) : small;
  } catch {
    return photo;
  }
}

interface Line {
  saveData?: boolean;
  effectiveType?: string;
}

/** Whether the phone itself calls its line slow, or its owner wants to save it. */
export function slowLine(): boolean {
  const line = (navigator as { connection?: Line }).connection;
  return Boolean(line && (line.saveData || (line.effectiveType && line.effectiveType !== "4g")));
}
