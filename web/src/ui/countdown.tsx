import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { Problem } from "../core/problem";

/** The seconds until the server will listen again, counted down to 0. */
export function useCountdown(problem: Problem | null): Signal<number> {
  const seconds = useSignal(0);
  useEffect(() => {
    seconds.value = problem?.retryAfter ?? 0;
    const timer = setInterval(() => {
      seconds.value = Math.max(0, seconds.value - 1);
    }, 1_000);
    return () => clearInterval(timer);
  }, [problem]);
  return seconds;
}
