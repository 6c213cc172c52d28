declare module "exifr/dist/lite.esm.mjs" {
  export function gps(file: Blob): Promise<{ longitude: number; latitude: number } | undefined>;
}
