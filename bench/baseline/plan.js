// Who is paid for a purchase: 5 % to the referrer and 1 % to hers, of sales
// above 1000.00. Who is not active earns nothing, and nothing moves up.

export const MAX_DIRECT_REFERRALS = 8;

const ABOVE = 1000_00;
const RATES = [{ level: 1, percent: 5 }, { level: 2, percent: 1 }];

/** `upline` is nearest first, of `{id, is_active}`; shorter at the top of the tree. */
export function decide(amount, upline) {
  if (amount <= ABOVE) return [];
  return RATES.flatMap(({ level, percent }) => {
    const earner = upline[level - 1];
    const paid = Math.round((amount * percent) / 100);
    return earner?.is_active && paid > 0 ? [{ level, user_id: earner.id, amount: paid }] : [];
  });
}

/** Whether a purchase that came again is the one that was recorded. */
export const isSame = (recorded, user, amount) => recorded.user_id === user && recorded.amount === amount;

/** What the caller did wrong; answered with this status. */
export class Refused extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
  }
}
