"""The parts of scripts/rehearse and scripts/rehearse-workflow. They need Python's own library, and the latter PyYAML.

test_rehearsal.py tests what needs neither root nor a network: python3 -B -m unittest discover -s scripts
"""
