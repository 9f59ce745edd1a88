import { Problem } from "../../core/problem";
import { Link } from "../../core/router";
import { ProblemNote } from "../../ui/states";

/** The refusals that a person can do something about, in words for that person. */
const TEXTS: Record<string, { title: string; detail: string }> = {
  referral_limit_reached: {
    title: "This referral code has no free places",
    detail:
      "Whoever shared it has already referred as many people as the programme allows. " +
      "Ask for another code, or register without one.",
  },
  invalid_referral_code: {
    title: "We do not know this referral code",
    detail: "Check it letter by letter, or register without one.",
  },
  referrer_inactive: {
    title: "This referral code is not in use at present",
    detail: "The member it belongs to is inactive. Ask for another code, or register without one.",
  },
  email_taken: {
    title: "This e-mail address is already registered",
    detail: "Sign in with it, or use another address.",
  },
  rate_limited: {
    title: "Too many registrations from here",
    detail: "Wait until the button comes back, then try again. Nothing was created.",
  },
};

const ABOUT_THE_CODE = ["referral_limit_reached", "invalid_referral_code", "referrer_inactive"];

/** The refusal in those words, if it is one of them. */
export function refusalOf(problem: Problem | null): Problem | null {
  const text = problem && TEXTS[problem.status === 429 ? "rate_limited" : problem.code];
  if (!text) return null;
  const { status, code, requestId } = problem;
  return new Problem({ ...text, status, code, requestId });
}

interface RegisterProblemProps {
  /** One of those refusals. */
  problem: Problem;
  onDropCode: () => void;
}

export function RegisterProblem({ problem, onDropCode }: RegisterProblemProps) {
  return (
    <ProblemNote problem={problem}>
      {ABOUT_THE_CODE.includes(problem.code) && (
        <button type="button" class="button small" onClick={onDropCode}>
          Go on without a code
        </button>
      )}
      {problem.code === "email_taken" && <Link to="/">Sign in</Link>}
    </ProblemNote>
  );
}
