// Listeners by key: a frame notifies only those whose key it touched.
export class Watchers<K> {
  readonly #byKey = new Map<K, Set<() => void>>();
  /** Keys touched while nobody looks; undefined while somebody does. */
  #unseen: Set<K> | undefined;

  add(key: K, listener: () => void): () => void {
    const listeners = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#byKey.get(key) === listeners) this.#byKey.delete(key);
    };
  }

  notify(keys: ReadonlySet<K>): void {
    if (this.#unseen) {
      // Only what is watched, so that it does not grow with the groups that come and go.
      for (const key of this.#byKey.keys()) if (keys.has(key)) this.#unseen.add(key);
      return;
    }
    for (const [key, listeners] of this.#byKey) {
      if (keys.has(key)) for (const listener of [...listeners]) listener();
    }
  }

  /** From now on nobody looks: listeners are notified when somebody does again. */
  pause(): void {
    this.#unseen ??= new Set();
  }

  resume(): void {
    const unseen = this.#unseen;
    this.#unseen = undefined;
    if (unseen && unseen.size > 0) this.notify(unseen);
  }
}
