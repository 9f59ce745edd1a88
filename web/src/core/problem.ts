import { fieldOf, inPlainWords, titleOf } from "./refusals";

/** One thing the server refused, as RFC 9457 says it, or a failure to reach it. */
export class Problem extends Error {
  readonly title: string;
  readonly detail: string;
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** Seconds to wait, where the server asked for that. */
  readonly retryAfter: number | null;
  /** What is wrong with single fields of a form, by field name. */
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

  /** Whether all of it is about these fields, so that it can be said there. */
  isAt(names: readonly string[]): boolean {
    const fields = Object.keys(this.fields);
    return fields.length > 0 && fields.every((field) => names.includes(field.split("/")[0] ?? ""));
  }
}

/** The answers of a proxy whose server is away, or of a server that is busy. */
const AWAY = [502, 503, 504];

/** What the server sends. */
interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { pointer: string; detail: string }[];
}

export async function readProblem(response: Response): Promise<Problem> {
  const body: ProblemBody = await response.json().catch(() => ({}));
  const { code = "", detail = "" } = body;
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const fields = fieldsOf(body);
  return new Problem({
    title: titleOf(code) ?? body.title ?? `The server answered ${response.status}`,
    detail: Object.values(fields).join(" ") || inPlainWords(detail),
    status: response.status,
    code,
    requestId: body.request_id ?? response.headers.get("X-Request-Id"),
    retryAfter: Number.isNaN(wait) ? null : wait,
    fields,
  });
}

/** A field of the query is named in the sentence itself: "`minimum` must be more than zero." */
const QUERY_FIELD = /^`(\w+)` (.*)$/;

function fieldsOf({ code = "", detail = "", errors = [] }: ProblemBody): Record<string, string> {
  if (errors.length > 0) {
    return Object.fromEntries(
      errors.map(({ pointer, detail }) => [pointer.replace(/^#?\//, ""), inPlainWords(detail)]),
    );
  }
  const [, asked, wrong = detail] = QUERY_FIELD.exec(detail) ?? [];
  const field = asked ?? fieldOf(code);
  return field === undefined ? {} : { [field]: inPlainWords(wrong) };
}
