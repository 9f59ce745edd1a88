import { useEffect, useMemo } from "preact/hooks";

import type { Me } from "../../core/api";
import { Link } from "../../core/router";
import { isZero, levelsOf } from "../../core/money";
import { Card } from "../../ui/card";
import { Icon } from "../../ui/icons";
import { LevelChart } from "../../ui/level-chart";
import { SourceChart } from "../../ui/source-chart";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { MemberBook } from "./book";
import { FeedCard } from "./feed-card";
import { ReferralsCard } from "./referrals-card";
import { ShareCard } from "./share-card";
import { StandingNotes } from "./standing-notes";
import { StatementCard } from "./statement-card";
import { Totals } from "./totals";

export function MemberPage({ id, caller }: { id: number; caller: Me }) {
  const book = useMemo(() => new MemberBook(id), [id]);
  useEffect(() => book.open(), [book]);
  const user = book.user.data.value;
  const ownPage = caller.user_id === id;

  return (
    <div class="page">
      <header class="page-head">
        {!ownPage && (
          <Link to="/" class="back-link">
            <Icon name="back" />
            Programme
          </Link>
        )}
        <h1>{user?.name ?? caller.name ?? `Member ${id}`}</h1>
        <p class="page-sub">
          {user ? (
            <>
              Member since <Time at={user.joined_at} as="day" />
              {user.email !== undefined && <> · {user.email}</>}
            </>
          ) : (
            "\u00a0"
          )}
        </p>
      </header>
      <StandingNotes book={book} />
      <Loaded of={book.earnings} onRetry={book.retry} skeleton={<div class="totals-skeleton" />}>
        {(earnings) => <Totals earnings={earnings} gained={book.gained.value} />}
      </Loaded>
      <div class="columns">
        <div class="column-side">
          <ShareCard book={book} />
          <FeedCard book={book} />
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
              {({ sources }) =>
                sources.every((source) => isZero(source.amount_earned)) ? (
                  <Empty title="Nobody’s purchase has earned anything yet">
                    When somebody you invited buys, a bar for that person appears here.
                  </Empty>
                ) : (
                  <SourceChart sources={sources} currency={caller.currency} />
                )
              }
            </Loaded>
          </Card>
          <ReferralsCard book={book} currency={caller.currency} />
        </div>
      </div>
      <StatementCard book={book} currency={caller.currency} />
    </div>
  );
}
