-- How far these books have come.
create table posted (
    number integer not null, -- the last batch of the journal that is in them
    changes integer not null -- transactions that did anything else to them
) strict;

insert into posted (number, changes) values (0, 0);
