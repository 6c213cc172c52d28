// Sending: with progress, and an answer for every end.

export type Sent = { ticket: string } | { error: string } | { offline: true };

const PATIENCE_MS = 120_000;

export function send(form: FormData, progress: (share: number) => void): Promise<Sent> {
  return new Promise((done) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", "/snap");
    asked.setRequestHeader("Accept", "application/json");
    asked.responseType = "json";
    asked.timeout = PATIENCE_MS;
    asked.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    asked.onload = () => {
      const answer = asked.response as { ticket?: string; error?: string } | null;
      if (asked.status === 200 && answer?.ticket) done({ ticket: answer.ticket });
      else if (answer?.error) done({ error: answer.error });
      else done({ offline: true });
    };
    asked.onerror = asked.ontimeout = asked.onabort = () => done({ offline: true });
    asked.send(form);
  });
}
