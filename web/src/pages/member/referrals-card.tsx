import type { Me, Referral, Referrals } from "../../core/api";
import { mayRead } from "../../core/me";
import { formatMoney } from "../../core/money";
import { Link } from "../../core/router";
import { Avatar } from "../../ui/avatar";
import { Card } from "../../ui/card";
import { Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { counted, personName } from "../../words";
import type { MemberBook } from "./book";

/** People of one list. */
const LISTED = 100;

/** Two levels of referrals: the places of the first, and under each person the second. */
export function ReferralsCard({ book, caller }: { book: MemberBook; caller: Me }) {
  const { currency } = caller;
  const user = book.user.data.value;
  return (
    <Card
      title="Referrals"
      aside={
        user && (
          <p class="card-note">
            <strong>{user.slots_used}</strong> of {user.slots_limit} places taken
          </p>
        )
      }
    >
      <Loaded of={book.referrals} skeleton={<Skeleton rows={5} tall />}>
        {(referrals) => (
          <ul class="referrals">
            {referrals.level_1.slice(0, LISTED).map((person) => (
              <DirectReferral
                key={person.id}
                person={person}
                theirs={theirsOf(referrals, person.id)}
                currency={currency}
                linked={mayRead(caller)}
              />
            ))}
            <Rest count={referrals.counts.level_1 - LISTED} />
            <FreePlaces
              free={Math.max(0, (user?.slots_limit ?? 0) - (user?.slots_used ?? 0))}
              first={referrals.level_1.length === 0}
            />
            <Unlisted referrals={referrals} />
          </ul>
        )}
      </Loaded>
    </Card>
  );
}

const theirsOf = (referrals: Referrals, id: number) =>
  referrals.level_2.filter((person) => person.referred_by === id);

interface DirectReferralProps {
  person: Referral;
  theirs: Referral[];
  currency: string;
  /** Whether the names lead to the members. */
  linked: boolean;
}

function DirectReferral({ person, theirs, currency, linked }: DirectReferralProps) {
  return (
    <li>
      <Person person={person} currency={currency} linked={linked} />
      {theirs.length > 0 && (
        <details class="referrals-second">
          <summary>
            {theirs.length === 1 ? "1 referral" : `${theirs.length} referrals`} of {person.name}
          </summary>
          <ul>
            {theirs.slice(0, LISTED).map((second) => (
              <li key={second.id}>
                <Person person={second} currency={currency} linked={linked} />
              </li>
            ))}
            <Rest count={theirs.length - LISTED} />
          </ul>
        </details>
      )}
    </li>
  );
}

type PersonProps = Omit<DirectReferralProps, "theirs">;

function Person({ person, currency, linked }: PersonProps) {
  const name = personName(person.name, person.id);
  return (
    <div class="person">
      <Avatar name={person.name} dim={!person.is_active} />
      <span class="person-name">
        {linked ? <Link to={`/members/${person.id}`}>{name}</Link> : name}
        <small>
          {!person.is_active && <span class="tag">Inactive</span>}
          Joined <Time at={person.joined_at} as="day" />
        </small>
      </span>
      <span class="person-earned">
        {formatMoney(person.earned, currency)}
        <small>earned</small>
      </span>
    </div>
  );
}

/** Those of a list who are too many to be shown. */
function Rest({ count }: { count: number }) {
  if (count <= 0) return null;
  return <li class="referrals-rest">and {counted(count, "other")}</li>;
}

/** Their referrals of whom the server did not tell. */
function Unlisted({ referrals }: { referrals: Referrals }) {
  const count = referrals.counts.level_2 - referrals.level_2.length;
  if (count <= 0) return null;
  return <li class="referrals-rest">and {counted(count, "more referral")} of these members</li>;
}

function FreePlaces({ free, first }: { free: number; first: boolean }) {
  if (free === 0) return null;
  return (
    <li class="free-places">
      <span class="free-marks" aria-hidden="true">
        {Array.from({ length: free }, (_, place) => (
          <span key={place} class="free-mark" />
        ))}
      </span>
      <span>
        {free === 1 ? "1 free place" : `${free} free places`}
        <small>{first ? "Share the referral link to fill the first." : "Share the link to fill them."}</small>
      </span>
    </li>
  );
}
