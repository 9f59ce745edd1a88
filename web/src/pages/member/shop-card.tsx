import type { User } from "../../core/api";
import { Card } from "../../ui/card";
import { NoteFacts } from "../../ui/notes";

/** What the shop keeps with a member; the owner alone is told of it. */
export function ShopCard({ user: { external_id: id = null, metadata = {} } }: { user: User }) {
  if (id === null && Object.keys(metadata).length === 0) return null;
  return (
    <Card title="In your shop">
      <dl class="facts">
        {id !== null && (
          <div>
            <dt>External id</dt>
            <dd class="code">{id}</dd>
          </div>
        )}
        <NoteFacts notes={metadata} />
      </dl>
    </Card>
  );
}
