import { Modal, TextInput, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { inventoryEndpoints } from '../../../src/features/inventory/inventory-contract.ts';
import { useApi } from '../kit/api.ts';
import { useGo } from '../kit/navigation.tsx';
import { useSession } from '../kit/session.ts';
import { placeGroups, settingPlaces } from './places.ts';

type Choice = {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  readonly run: () => void;
};

type Props = { readonly isOpen: boolean; readonly onClose: () => void };

/** `/` or Ctrl-K: finds names, digests and purls across the estate, and runs commands. */
export function Palette({ isOpen, onClose }: Props) {
  return (
    <Modal
      onClose={onClose}
      opened={isOpen}
      size="lg"
      title="Search"
      transitionProps={{ duration: 80 }}
      yOffset="8vh"
    >
      <Finder onClose={onClose} />
    </Modal>
  );
}

function useCommands(): readonly Choice[] {
  const { actions } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const go = useGo();
  const places = [...placeGroups.flatMap((group) => group.places), ...settingPlaces];
  const open = places
    .filter(({ action }) => action === undefined || actions.includes(action))
    .map(({ label, href }) => ({
      key: href,
      title: `Open ${label}`,
      detail: 'page',
      run: () => go(href),
    }));
  const act = (title: string, run: () => void): Choice => ({
    key: title,
    title,
    detail: 'command',
    run,
  });
  return [
    ...open,
    ...(actions.includes('connection.manage')
      ? [act('Connect a system', () => go('/connections/add'))]
      : []),
    act('Light look', () => setColorScheme('light')),
    act('Dark look', () => setColorScheme('dark')),
  ];
}

function Finder({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), 120);
  const [selected, select] = useState(0);
  const go = useGo();
  const commands = useCommands();
  const found = useApi(
    inventoryEndpoints.search,
    { query: { q: wanted } },
    { isOff: wanted === '', keeps: true },
  );
  const things: Choice[] = (wanted === '' ? [] : (found.data?.items ?? [])).map((item) => ({
    key: `${item.kind} ${item.id}`,
    title: item.title,
    detail: item.detail === '' ? item.kind : `${item.kind}, ${item.detail}`,
    run: () => go(item.link),
  }));
  const wantedWords = text.trim().toLowerCase();
  const fitting = commands.filter(({ title }) => title.toLowerCase().includes(wantedWords));
  const choices = [...things, ...(things.length > 0 ? fitting.slice(0, 3) : fitting)];
  useEffect(() => select(0), [wanted]);

  const choose = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    onClose();
    choice.run();
  };
  const steer = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      select(Math.max(0, Math.min(choices.length - 1, selected + step)));
    }
    if (event.key === 'Enter') choose(choices[selected]);
  };
  const isNothing = choices.length === 0 && wanted !== '' && !found.isFetching;
  return (
    <>
      <TextInput
        aria-activedescendant={`choice-${selected}`}
        aria-controls="choices"
        aria-expanded
        aria-label="Search names, digests and package URLs, or a command"
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={steer}
        placeholder="A name, digest, package URL, or a command"
        role="combobox"
        value={text}
      />
      <ul aria-label="Found" className="palette-list" id="choices" role="listbox">
        {choices.map((choice, index) => (
          <ChoiceRow
            choice={choice}
            index={index}
            isSelected={index === selected}
            key={choice.key}
            onChoose={() => choose(choice)}
            onHover={() => select(index)}
          />
        ))}
      </ul>
      {isNothing ? (
        <p className="second" style={{ padding: 10 }}>
          Nothing in the estate is called “{wanted}”.
        </p>
      ) : null}
    </>
  );
}

type ChoiceProps = {
  readonly choice: Choice;
  readonly index: number;
  readonly isSelected: boolean;
  readonly onChoose: () => void;
  readonly onHover: () => void;
};

function ChoiceRow({ choice, index, isSelected, onChoose, onHover }: ChoiceProps) {
  return (
    <li
      aria-selected={isSelected}
      id={`choice-${index}`}
      onClick={onChoose}
      onMouseMove={onHover}
      ref={(element) => {
        if (isSelected) element?.scrollIntoView({ block: 'nearest' });
      }}
      role="option"
    >
      <div>{choice.title}</div>
      <div className="third">{choice.detail}</div>
    </li>
  );
}
