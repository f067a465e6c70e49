// Buttons. They are monochrome: colour is for states, and red for what cannot be undone.
'use client';
import type { LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ComponentProps, MouseEvent, ReactNode } from 'react';
import { cx } from './classes.ts';
import { Tip } from './tooltip.tsx';

export type ButtonVariant = 'primary' | 'plain' | 'quiet' | 'danger';

const LOOK: Record<ButtonVariant, string> = {
  primary: 'bg-text text-surface border-text hover:opacity-90',
  plain: 'bg-raised text-text border-line-strong/50 hover:bg-hover hover:border-line-strong',
  quiet: 'bg-transparent text-quiet border-transparent hover:bg-hover hover:text-text',
  danger: 'bg-oom text-oom-text border-oom hover:opacity-90',
};

const SIZE = { sm: 'h-6 px-2 text-xs', md: 'h-8 px-3 text-base' } as const;

/** The classes of a button, for a link that looks like one. */
export function buttonClass(variant: ButtonVariant = 'plain', size: keyof typeof SIZE = 'md'): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none',
    'transition-[background-color,border-color,color,opacity,transform] duration-100 active:translate-y-px',
    'aria-disabled:opacity-45 aria-disabled:hover:opacity-45 aria-disabled:active:translate-y-0 [&_svg]:size-4 [&_svg]:shrink-0',
    LOOK[variant],
    SIZE[size],
  );
}

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled' | 'type'> {
  readonly variant?: ButtonVariant;
  readonly size?: keyof typeof SIZE;
  /** A request is under way: the button pulses and takes no second press. */
  readonly pending?: boolean;
  /** Why it is off, in a sentence; shown on hover and focus, and to screen readers. */
  readonly reason?: string | undefined;
  readonly type?: 'button' | 'submit';
  readonly icon?: LucideIcon | undefined;
  /** The second click of a double click does nothing: what the button does may have changed in between. */
  readonly once?: boolean;
}

function Press({
  variant = 'plain',
  size = 'md',
  pending = false,
  reason,
  className,
  onClick,
  type = 'button',
  icon: Icon,
  once = false,
  ref,
  children,
  ...rest
}: ButtonProps) {
  const off = pending || reason !== undefined;
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (off || (once && event.detail > 1)) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      {...rest}
      ref={ref}
      type={type}
      aria-disabled={off || undefined}
      aria-busy={pending || undefined}
      className={cx(buttonClass(variant, size), pending && 'pending', className)}
      onClick={press}
    >
      {Icon && <Icon aria-hidden />}
      {children}
    </button>
  );
}

export function Button(props: ButtonProps) {
  return (
    <Tip text={props.reason}>
      <Press {...props} />
    </Tip>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'aria-label'> {
  /** Its name for screen readers, and its tooltip. */
  readonly label: string;
  /** The key that does the same, shown in the tooltip. */
  readonly shortcut?: string;
}

export function IconButton({ label, shortcut, variant = 'quiet', size = 'md', className, ...rest }: IconButtonProps) {
  return (
    <Tip text={rest.reason ?? label} shortcut={rest.reason === undefined ? shortcut : undefined}>
      <Press
        {...rest}
        variant={variant}
        size={size}
        aria-label={label}
        className={cx(size === 'sm' ? 'w-6 px-0' : 'w-8 px-0', className)}
      />
    </Tip>
  );
}

export interface LinkButtonProps {
  readonly href: string;
  readonly icon?: LucideIcon;
  readonly variant?: ButtonVariant;
  readonly size?: keyof typeof SIZE;
  readonly className?: string;
  readonly children: ReactNode;
}

export function LinkButton({ href, icon: Icon, variant, size, className, children }: LinkButtonProps) {
  return (
    <Link href={href} className={cx(buttonClass(variant, size), className)}>
      {Icon && <Icon aria-hidden />}
      {children}
    </Link>
  );
}
