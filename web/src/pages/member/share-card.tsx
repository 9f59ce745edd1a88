import type { User } from "../../core/api";
import { Card } from "../../ui/card";
import { CopyField } from "../../ui/copy-field";
import { Icon } from "../../ui/icons";
import { QrCode } from "../../ui/qr-code";
import { Loaded, Skeleton } from "../../ui/states";
import type { MemberBook } from "./book";

export function ShareCard({ book }: { book: MemberBook }) {
  return (
    <Card title="Referral link" class="share-card">
      <Loaded of={book.user} skeleton={<Skeleton rows={5} tall />}>
        {(user) => <Share user={user} />}
      </Loaded>
    </Card>
  );
}

function Share({ user }: { user: User }) {
  const text = `Join me with my referral link: ${user.referral_link}`;
  const shareByDevice = () => {
    // Closing the sheet without a choice is no failure.
    navigator.share({ title: "Banyan", url: user.referral_link }).catch(() => undefined);
  };
  return (
    <>
      <CopyField label="Referral link" value={user.referral_link} />
      <div class="share-body">
        <QrCode text={user.referral_link} label="QR code of the referral link" />
        <div class="share-ways">
          <p class="share-code">
            <span>Code</span>
            <strong>{user.referral_code}</strong>
          </p>
          <a
            class="button"
            href={`https://wa.me/?text=${encodeURIComponent(text)}`}
            target="_blank"
            rel="noopener noreferrer"
          >
            <Icon name="chat" />
            WhatsApp
          </a>
          {"share" in navigator && (
            <button type="button" class="button" onClick={shareByDevice}>
              <Icon name="share" />
              Share…
            </button>
          )}
        </div>
      </div>
      {user.slots_used >= user.slots_limit && (
        <p class="share-full">
          All {user.slots_limit} places are taken: nobody else can join with this link.
        </p>
      )}
    </>
  );
}
