// What was not sent yet, kept on this phone: photos and words survive a reload, a closed tab, a dead battery.
// Where a browser keeps nothing (some inside other apps), everything else works all the same.

export interface Draft {
  client: string;
  photos: File[];
  fields: Record<string, string>;
}

const NAME = "snap";
let broken = false;

function open(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(NAME);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
    asked.onblocked = () => fail(new Error("blocked"));
  });
}

async function act<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const base = await open();
    return await new Promise<T>((done, fail) => {
      const work = base.transaction(NAME, mode);
      const asked = ask(work.objectStore(NAME));
      work.oncomplete = () => (base.close(), done(asked.result));
      work.onabort = work.onerror = () => (base.close(), fail(work.error));
    });
  } catch {
    broken = true; // no storage here, or it is full
    return undefined;
  }
}

export const kept = (): Promise<Draft | undefined> => act("readonly", (store) => store.get("draft") as IDBRequest<Draft | undefined>);
export const forget = (): Promise<unknown> => act("readwrite", (store) => store.delete("draft"));

/** Whether it is on this phone now. */
export async function keep(draft: Draft): Promise<boolean> {
  await act("readwrite", (store) => store.put(draft, "draft"));
  return !broken;
}

export const keepsNothing = (): boolean => broken;
