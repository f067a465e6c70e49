// A part of the form that is always open, and the props of every part.
import type { ReactNode } from 'react';
import { TextField, type TextFieldProps } from '../ui/field.tsx';
import type { Change, Faults, LaunchForm } from './launch-form.ts';

export interface PartProps {
  readonly form: LaunchForm;
  readonly faults: Faults;
  readonly onChange: Change;
}

export function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="@container rounded-lg border border-line bg-raised p-4">
      <h2 className="pb-3 text-sm font-medium text-quiet">{title}</h2>
      <div className="flex flex-col gap-4">{children}</div>
    </section>
  );
}

/** The fields of the form that are free text. */
export type TextName = { [K in keyof LaunchForm]: string extends LaunchForm[K] ? K : never }[keyof LaunchForm];

export interface FormTextProps extends PartProps, Omit<TextFieldProps, keyof PartProps | 'value' | 'fault' | 'form'> {
  readonly field: TextName;
}

/** A text field of the form, with its value and fault. */
export function FormText({ form, faults, onChange, field, ...rest }: FormTextProps) {
  return <TextField mono value={form[field]} fault={faults[field]} onChange={(next) => onChange({ [field]: next })} {...rest} />;
}
