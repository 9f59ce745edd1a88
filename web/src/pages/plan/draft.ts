import { type Signal, signal } from "@preact/signals";

import type { Plan, Rounding, Terms } from "../../core/api";
import { plainAmount } from "../../core/money";

/** A plan that is being written, as text until the server has read it. */
export class PlanDraft {
  readonly currency: string;
  /** In per cent, nearest level first. */
  readonly rates: Signal<Signal<string>[]>;
  readonly above: Signal<string>;
  readonly places: Signal<string>;
  readonly rounding: Signal<string>;
  readonly holdDays: Signal<string>;
  /** Empty for no limit. */
  readonly maxCommission: Signal<string>;
  /** A day such as `2026-12-01`; empty for at once. */
  readonly effectiveFrom = signal("");
  /** The day of the first purchase it is tried on; empty for all. */
  readonly since = signal("");

  constructor(plan: Plan) {
    this.currency = plan.currency;
    this.rates = signal(plan.levels.map((rate) => signal(rate.replace("%", ""))));
    this.above = signal(plan.commission_above);
    this.places = signal(String(plan.max_direct_referrals));
    this.rounding = signal(plan.rounding);
    this.holdDays = signal(String(plan.hold_days));
    this.maxCommission = signal(plan.max_commission ?? "");
  }

  addLevel = (): void => {
    this.rates.value = [...this.rates.peek(), signal("")];
  };

  dropLevel = (): void => {
    this.rates.value = this.rates.peek().slice(0, -1);
  };

  get terms(): Terms {
    return {
      levels: this.rates.value.map((rate) => `${rate.value.trim()}%`),
      commission_above: plainAmount(this.above.value),
      max_direct_referrals: wholeNumber(this.places.value),
      rounding: this.rounding.value as Rounding,
      hold_days: wholeNumber(this.holdDays.value),
      max_commission: this.maxCommission.value.trim() === "" ? null : plainAmount(this.maxCommission.value),
    };
  }
}

/** What is no number goes to the server as it is, which names its field: `NaN` would be sent as nothing. */
const wholeNumber = (text: string) => (/^\s*\d+\s*$/.test(text) ? Number(text) : (text as unknown as number));
