"""What is wrong with the schema as it is: holes and defects that no release asks for."""

from suites.standins.wecelebrate.database_faults.lints import access, code, rows, structure

FAULTS = (*rows.FAULTS, *code.FAULTS, *access.FAULTS, *structure.FAULTS)
