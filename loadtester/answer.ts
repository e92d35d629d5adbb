/** What a request is answered with. Texts are plain and have no line end, as receivers of the reference expect. */
export interface Answer {
  readonly status: number;
  /** Absent: an empty body. */
  readonly body?: string;
}

export const ok = (body: string): Answer => ({ status: 200, body });

export const accepted: Answer = { status: 202 };

/** @param problem says what was expected and what came instead */
export const badRequest = (problem: string): Answer => ({ status: 400, body: problem });

export const forbidden: Answer = { status: 403, body: 'Forbidden' };

/** The question has no answer now; asking again may help. */
export const unavailable = (reason: string): Answer => ({ status: 503, body: reason });
