// Listeners by key: a frame notifies only those whose key it touched.
export class Watchers<K> {
  readonly #byKey = new Map<K, Set<() => void>>();

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
    if (this.#byKey.size === 0) return;
    for (const [key, listeners] of this.#byKey) {
      if (keys.has(key)) for (const listener of [...listeners]) listener();
    }
  }
}
