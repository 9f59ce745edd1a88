import type { Me } from "../../core/api";
import { formatMoney } from "../../core/money";
import { Card } from "../../ui/card";
import type { MemberBook } from "./book";
import { ShareCard } from "./share-card";

/** The first view of a member who has nothing yet: the link, and what it is good for. */
export function Welcome({ book, caller }: { book: MemberBook; caller: Me }) {
  const { levels, commission_above: above, currency } = caller;
  const [first, ...further] = levels;
  return (
    <div class="columns welcome">
      <div class="column-main">
        <ShareCard book={book} />
      </div>
      <div class="column-side">
        <Card title="How it begins">
          <ol class="steps">
            <li>Share the link with the people you know.</li>
            <li>
              Whoever joins with it and buys for more than {formatMoney(above, currency)} earns you{" "}
              <strong>{first}</strong> of the purchase, every time.
            </li>
            {further.length > 0 && (
              <li>
                What the people they bring buy earns you {further.length === 1 ? "" : "at each further level "}
                <strong>{further.join(", ")}</strong>.
              </li>
            )}
          </ol>
          <p class="card-note">Your earnings appear here the moment the first of them buys.</p>
        </Card>
      </div>
    </div>
  );
}
