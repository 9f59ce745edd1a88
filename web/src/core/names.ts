import { signal } from "@preact/signals";

import { api } from "./api";

/** Names by user id, asked for once; admins and services may read all of them. */
const names = signal<ReadonlyMap<number, string>>(new Map());
const asked = new Set<number>();

export function rememberName(id: number, name: string): void {
  if (names.peek().get(id) === name) return;
  names.value = new Map(names.peek()).set(id, name);
}

/** The name of a user, or "member 12" until it is known. */
export function nameOf(id: number): string {
  const known = names.value.get(id);
  if (known === undefined && !asked.has(id)) {
    asked.add(id);
    api.user(id).then(
      (user) => rememberName(id, user.name),
      () => asked.delete(id),
    );
  }
  return known ?? `member ${id}`;
}
