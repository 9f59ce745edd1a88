import { expired, session } from "./session";

/** One thing the server refused, as RFC 9457 says it, or a failure to reach it. */
export class Problem extends Error {
  readonly title: string;
  readonly detail: string;
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** Seconds to wait, where the server asked for that. */
  readonly retryAfter: number | null;
  /** What is wrong with single fields of the body, by field name. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(members: {
    title: string;
    detail?: string;
    status?: number;
    code?: string;
    requestId?: string | null;
    retryAfter?: number | null;
    fields?: Record<string, string>;
  }) {
    super(members.title);
    this.title = members.title;
    this.detail = members.detail ?? "";
    this.status = members.status ?? 0;
    this.code = members.code ?? "";
    this.requestId = members.requestId ?? null;
    this.retryAfter = members.retryAfter ?? null;
    this.fields = members.fields ?? {};
  }

  /** Whether the same request may go through a little later. */
  get passing(): boolean {
    return this.status === 0 || AWAY.includes(this.status);
  }

  /** Whether the request may have taken effect all the same. */
  get outcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** The answers of a proxy whose server is away, or of a server that is busy. */
const AWAY = [502, 503, 504];

export interface Answer<T> {
  body: T;
  headers: Headers;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send<T>("GET", path, undefined, signal)).body;
}

export async function send<T>(
  method: "GET" | "POST" | "PUT" | "PATCH",
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

/** What is said to whoever writes programs, of a field that a person left empty. */
const FOR_PROGRAMS = /^(invalid (type|value)|missing field)/;

interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { pointer: string; detail: string }[];
}

async function readProblem(response: Response): Promise<Problem> {
  const body: ProblemBody = await response.json().catch(() => ({}));
  const invalid = body.code === "invalid_body";
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new Problem({
    title: (invalid ? "Something is not filled in as it has to be" : body.title) ?? `The server answered ${response.status}`,
    detail: body.detail ?? "",
    status: response.status,
    code: body.code ?? "",
    requestId: body.request_id ?? response.headers.get("X-Request-Id"),
    retryAfter: Number.isNaN(wait) ? null : wait,
    fields: Object.fromEntries(
      (body.errors ?? []).map(({ pointer, detail }) => [
        pointer.replace(/^#?\//, ""),
        FOR_PROGRAMS.test(detail) ? "Fill this in." : detail,
      ]),
    ),
  });
}
