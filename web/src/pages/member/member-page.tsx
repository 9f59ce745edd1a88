import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import type { Me } from "../../core/api";
import { lazy } from "../../core/lazy";
import { mayAdminister, mayRead } from "../../core/me";
import { isZero, levelsOf } from "../../core/money";
import { nameOf } from "../../core/names";
import { Link } from "../../core/router";
import { BackLink } from "../../ui/back-link";
import { Card } from "../../ui/card";
import { Icon } from "../../ui/icons";
import { LevelChart } from "../../ui/level-chart";
import { SourceChart } from "../../ui/source-chart";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { MemberBook } from "./book";
import { EntriesCard } from "./entries-card";
import { ExplainDialog } from "./explain-dialog";
import { FeedCard } from "./feed-card";
import { PayoutsCard } from "./payouts-card";
import { ReferralsCard } from "./referrals-card";
import { ShareCard } from "./share-card";
import { ShopCard } from "./shop-card";
import { StandingNotes } from "./standing-notes";
import { Totals } from "./totals";
import { Welcome } from "./welcome";

// Members never fetch what only the owner may do.
const MemberActions = lazy(() => import("../admin/member-actions").then((m) => m.MemberActions), null);
const PurchaseDialog = lazy(() => import("../admin/purchase-dialog").then((m) => m.PurchaseDialog), null);

export function MemberPage({ id, caller }: { id: number; caller: Me }) {
  const book = useMemo(() => new MemberBook(id), [id]);
  const purchase = useSignal<number | null>(null);
  useEffect(() => book.open(), [book]);
  const user = book.user.data.value;
  const entry = book.explained.value;
  // Nobody was brought and nothing was booked: ten zeros would say nothing.
  const ownPage = caller.user_id === id;
  const fresh = ownPage && user?.slots_used === 0 && book.earnings.data.value?.seq === 0;
  const openPurchase = (purchaseId: number) => {
    book.explained.value = null;
    purchase.value = purchaseId;
  };

  return (
    <div class="page">
      <header class="page-head">
        <div>
          {!ownPage && <BackLink to="/">Programme</BackLink>}
          <h1>{user?.name ?? caller.name ?? `Member ${id}`}</h1>
          <p class="page-sub">
            {user ? (
              <>
                Member since <Time at={user.joined_at} as="day" />
                {user.email !== undefined && <> · {user.email}</>}
                {mayRead(caller) && user.referrer_id !== null && (
                  <>
                    {" "}
                    · brought by <Link to={`/members/${user.referrer_id}`}>{nameOf(user.referrer_id)}</Link>
                  </>
                )}
              </>
            ) : (
              "\u00a0"
            )}
          </p>
        </div>
        <div class="page-actions">
          <Link to={`/members/${id}/statement`} class="button">
            <Icon name="statement" />
            Statement
          </Link>
          {user && mayAdminister(caller) && (
            <MemberActions
              user={user}
              currency={caller.currency}
              onChanged={(changed) => book.user.update(() => changed)}
            />
          )}
        </div>
      </header>
      <StandingNotes book={book} />
      {fresh ? <Welcome book={book} caller={caller} /> : <Figures book={book} caller={caller} />}
      {entry !== null && (
        <ExplainDialog
          entry={entry}
          currency={caller.currency}
          onPurchase={mayRead(caller) ? openPurchase : null}
          onClose={() => {
            book.explained.value = null;
          }}
        />
      )}
      {purchase.value !== null && (
        <PurchaseDialog
          id={purchase.value}
          caller={caller}
          onClose={() => {
            purchase.value = null;
          }}
        />
      )}
    </div>
  );
}

/** All that there is to see of somebody who has earned or brought anybody. */
function Figures({ book, caller }: { book: MemberBook; caller: Me }) {
  return (
    <>
      <Loaded of={book.earnings} onRetry={book.retry} skeleton={<div class="totals-skeleton" />}>
        {(earnings) => <Totals earnings={earnings} today={book.today.data.value} />}
      </Loaded>
      <div class="columns">
        <div class="column-side">
          <ShareCard book={book} />
          <FeedCard book={book} />
          {book.user.data.value && <ShopCard user={book.user.data.value} />}
        </div>
        <div class="column-main">
          <Card title="Earned by level">
            <Loaded of={book.earnings} onRetry={book.retry} skeleton={<Skeleton rows={4} tall />}>
              {(earnings) => (
                <LevelChart levels={levelsOf(earnings.by_level)} currency={earnings.currency} />
              )}
            </Loaded>
          </Card>
          <Card title="Earned per person">
            <Loaded of={book.chart} skeleton={<Skeleton rows={5} tall />}>
              {({ sources, others }) =>
                sources.every((source) => isZero(source.amount_earned)) ? (
                  <Empty title="Nobody’s purchase has earned anything yet">
                    When somebody you invited buys, a bar for that person appears here.
                  </Empty>
                ) : (
                  <SourceChart sources={sources} others={others} currency={caller.currency} />
                )
              }
            </Loaded>
          </Card>
          <ReferralsCard book={book} caller={caller} />
        </div>
      </div>
      <PayoutsCard book={book} currency={caller.currency} />
      <EntriesCard book={book} currency={caller.currency} />
    </>
  );
}
