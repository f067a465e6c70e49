// Shown for an unknown address.
import { LinkButton } from '../components/ui/button.tsx';
import { EmptyState } from '../components/ui/empty-state.tsx';

export default function NotFound() {
  return (
    <EmptyState title="There is no such page" actions={<LinkButton href="/">To the deck</LinkButton>}>
      Check the address. The deck shows every group.
    </EmptyState>
  );
}
