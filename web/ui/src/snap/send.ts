// Sending: with progress, and an answer for every end.

export type Sent = { ticket: string } | { error: string } | { offline: true };

const PATIENCE_MS = 60_000; // without any progress: a slow line may take minutes for three photos

export function send(form: FormData, progress: (share: number) => void): Promise<Sent> {
  return new Promise((done) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", "/snap");
    asked.setRequestHeader("Accept", "application/json");
    asked.responseType = "json";
    let quiet = 0;
    const wait = (): void => {
      window.clearTimeout(quiet);
      quiet = window.setTimeout(() => asked.abort(), PATIENCE_MS);
    };
    asked.upload.onprogress = (event) => {
      wait();
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    asked.onloadend = () => window.clearTimeout(quiet);
    asked.onload = () => {
      const answer = asked.response as { ticket?: string; error?: string } | null;
      if (asked.status === 200 && answer?.ticket) done({ ticket: answer.ticket });
      else if (answer?.error) done({ error: answer.error });
      else done({ offline: true });
    };
    asked.onerror = asked.onabort = () => done({ offline: true });
    wait();
    asked.send(form);
  });
}
