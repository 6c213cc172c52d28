// The ticket as one picture to keep: drawn here, for the phone has the letters. A held finger saves it.

const [WIDE, HIGH, EDGE] = [750, 1000, 56];
const SANS = '"PingFang SC","HarmonyOS Sans SC","Noto Sans CJK SC","Microsoft YaHei",system-ui,sans-serif';

export async function drawCard(host: HTMLElement): Promise<void> {
  const code = host.querySelector("img") as HTMLImageElement;
  const { title = "", number = "", what = "", where = "", at = "", link = "", alt = "", note = "" } = host.dataset;
  await code.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDE, HIGH];
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, WIDE, HIGH);
  pen.strokeStyle = "#14191c";
  pen.lineWidth = 4;
  pen.strokeRect(2, 2, WIDE - 4, HIGH - 4);
  let y = 96;
  const write = (text: string, size: number, weight: number, colour: string, gap: number): void => {
    pen.font = `${weight} ${size}px ${SANS}`;
    pen.fillStyle = colour;
    for (const line of lines(pen, text)) {
      pen.fillText(line, EDGE, y);
      y += size * 1.35;
    }
    y += gap;
  };
  write(title, 46, 600, "#14191c", 4);
  write(number, 30, 500, "#4a5459", 14);
  write([what, where].filter(Boolean).join(" · "), 34, 500, "#14191c", 0);
  write(at, 28, 400, "#4a5459", 0);
  const side = 460;
  pen.imageSmoothingEnabled = false;
  pen.drawImage(code, (WIDE - side) / 2, HIGH - side - 150, side, side);
  pen.imageSmoothingEnabled = true;
  y = HIGH - 104;
  write(link.replace(/^https?:\/\//, ""), 22, 400, "#14191c", 2);
  write(note, 22, 400, "#4a5459", 0);
  const picture = new Image();
  picture.alt = alt;
  picture.src = canvas.toDataURL("image/png");
  await picture.decode();
  code.replaceWith(picture);
}

/** Text in lines that fit, broken anywhere. */
function lines(pen: CanvasRenderingContext2D, text: string): string[] {
  const found: string[] = [];
  let line = "";
  for (const letter of text) {
    if (pen.measureText(line + letter).width > WIDE - 2 * EDGE) {
      found.push(line);
      line = "";
    }
    line += letter;
  }
  return line ? [...found, line] : found;
}
