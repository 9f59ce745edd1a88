import { useSignal } from "@preact/signals";

import type { Me, User } from "../../core/api";
import { mayAdminister } from "../../core/me";
import { Link } from "../../core/router";
import { Avatar } from "../../ui/avatar";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { Icon } from "../../ui/icons";
import { LiveList, NewButton } from "../../ui/live-list";
import { LoadMore } from "../../ui/load-more";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { ActivationDialog } from "./activation-dialog";
import { AddMemberDialog } from "./add-member-dialog";
import { type Overview, userId } from "./overview";
import { Found, SearchBox } from "./search";

const HINT = "By number, referral code or link, e-mail address, or your own id.";

export function MembersCard({ overview, caller }: { overview: Overview; caller: Me }) {
  const { members, shownMembers, memberFinder: finder } = overview;
  const adding = useSignal(false);
  const changing = useSignal<User | null>(null);
  const change = (user: User) => {
    changing.value = user;
  };
  const close = () => {
    changing.value = null;
  };
  const replace = (changed: User) => {
    overview.showMember(changed);
    close();
  };
  const shown = columns(mayAdminister(caller) ? change : null);

  return (
    <Card title="Members" class="table-card" live={shownMembers} aside={
        <span class="live-buttons">
          {finder.wanted.value === null && <NewButton list={shownMembers} />}
          {mayAdminister(caller) && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                adding.value = true;
              }}
            >
              <Icon name="plus" />
              Add a member
            </button>
          )}
        </span>
      }>
      <SearchBox finder={finder} label="Find a member" hint={HINT} />
      {finder.wanted.value === null ? (
        <Loaded of={members} onRetry={overview.loadMembers} skeleton={<Skeleton rows={8} tall />}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title="No members yet">
                Add the first one, then share the referral link.
              </Empty>
            ) : (
              <>
                <LiveList list={shownMembers}>
                  <DataTable
                    caption="Members, newest first"
                    columns={shown}
                    rows={shownMembers.rows.value}
                    rowKey={(_, place) => place}
                  />
                </LiveList>
                <LoadMore of={shownMembers} />
              </>
            )
          }
        </Loaded>
      ) : (
        <Found finder={finder} caption="Members found" columns={shown} rowKey={userId} hint={HINT} />
      )}
      {adding.value && (
        <AddMemberDialog
          onAdded={() => void overview.loadMembers().then(shownMembers.showNew)}
          onClose={() => {
            adding.value = false;
          }}
        />
      )}
      {changing.value && (
        <ActivationDialog user={changing.value} onDone={replace} onClose={close} />
      )}
    </Card>
  );
}

function columns(onChange: ((user: User) => void) | null): Column<User>[] {
  const facts: Column<User>[] = [
    {
      header: "Member",
      narrow: "title",
      cell: (user) => (
        <span class="person-cell">
          <Avatar name={user.name} dim={!user.is_active} />
          <span>
            <Link to={`/members/${user.user_id}`}>{user.name}</Link>
            <small>{user.email}</small>
          </span>
        </span>
      ),
    },
    { header: "Number", cell: (user) => user.user_id },
    { header: "Code", roomy: true, cell: (user) => <span class="code">{user.referral_code}</span> },
    { header: "Joined", cell: (user) => <Time at={user.joined_at} as="day" /> },
    {
      header: "Places",
      roomy: true,
      cell: (user) => `${user.slots_used} of ${user.slots_limit}`,
    },
    {
      header: "Status",
      narrow: "value",
      cell: (user) => (
        <span class={user.is_active ? "tag good" : "tag"}>{user.is_active ? "Active" : "Inactive"}</span>
      ),
    },
  ];
  if (onChange === null) return facts;
  return [
    ...facts,
    {
      header: "Change",
      figure: true,
      cell: (user) => (
        <button type="button" class="button small" onClick={() => onChange(user)}>
          {user.is_active ? "Deactivate" : "Activate"}
          <span class="visually-hidden"> {user.name}</span>
        </button>
      ),
    },
  ];
}
