import { Problem, readProblem } from "./problem";
import { expired, session } from "./session";

export interface Answer<T> {
  body: T;
  headers: Headers;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send<T>("GET", path, undefined, signal)).body;
}

export async function send<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  const response = await accepted(await reach(method, path, body, signal));
  return { body: (await response.json()) as T, headers: response.headers };
}

/** A file that only somebody signed in may fetch, so that a plain link cannot. */
export async function download(path: string): Promise<Blob> {
  return (await accepted(await reach("GET", path, undefined))).blob();
}

async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response;
  const problem = await readProblem(response);
  if (problem.status === 401 && session.peek() !== null && problem.code === "unauthorized") expired.value = true;
  throw problem;
}

async function reach(method: string, path: string, body: unknown, signal?: AbortSignal) {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  try {
    return await fetch(path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem({
      title: "The server cannot be reached",
      detail: "The page goes on by itself when it can be.",
    });
  }
}
